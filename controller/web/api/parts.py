"""API: the programme of a bulletin, and the templates of the station."""

from fastapi import APIRouter, Response

from controller.desk.parts import Parts
from controller.desk.templates import Templates
from controller.rights import Operation
from controller.store.values import TemplateId
from controller.web.api.shapes import Bulletin
from controller.web.api.shapes_parts import (
    FromTemplate,
    Programme,
    ProgrammeBulletin,
    ProgrammeEdit,
    Template,
    TemplateIn,
)
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.units import BulletinId

router = APIRouter(tags=["programmes"])


@router.post("/bulletins/programme", status_code=201, dependencies=[needs(Operation.COMPOSE), Guard])
def make(response: Response, here: Here, signed: Staff, given: ProgrammeBulletin) -> Bulletin:
    """A bulletin of parts; its sound is prepared in the background unless `prepare` is false. 422: `part-empty`."""
    made = Parts(here.room).make(given.about(), given.value(), signed.person, prepare=given.prepare)
    return _made(response, here, signed, made)


@router.post("/bulletins/from-template", status_code=201, dependencies=[needs(Operation.COMPOSE), Guard])
def begin(response: Response, here: Here, signed: Staff, given: FromTemplate) -> Bulletin:
    """A bulletin whose programme is that of a template, to be filled in."""
    return _made(
        response, here, signed, Templates(here.room).begin(TemplateId(given.template), given.about(), signed.person)
    )


def _made(response: Response, here: Services, signed: SignedIn, made: BulletinId) -> Bulletin:
    response.headers["Location"] = f"/api/v1/bulletins/{made}"
    return Bulletin.of(here.desk.bulletin(made, signed.person))


@router.get("/bulletins/{bulletin}/programme", dependencies=[needs(Operation.SEE)])
def programme(here: Here, signed: Staff, bulletin: str) -> Programme:
    """Its parts in order, how long each is, and how long a session may be where it belongs."""
    return Programme.of(Parts(here.room).view(BulletinId(bulletin), signed.person))


@router.put("/bulletins/{bulletin}/programme", dependencies=[needs(Operation.COMPOSE), Guard])
def save(here: Here, signed: Staff, bulletin: str, given: ProgrammeEdit) -> Programme:
    """Save all parts at once. 409 `edited-meanwhile`: somebody saved since `version`; nothing is changed."""
    desk = Parts(here.room)
    desk.save(BulletinId(bulletin), given.version, given.value(), signed.person, prepare=given.prepare)
    return Programme.of(desk.view(BulletinId(bulletin), signed.person))


@router.post("/bulletins/{bulletin}/prepare", status_code=202, dependencies=[needs(Operation.COMPOSE), Guard])
def prepare(here: Here, signed: Staff, bulletin: str) -> Bulletin:
    """Make the sound of what was saved last."""
    Parts(here.room).prepare(BulletinId(bulletin), signed.person)
    return Bulletin.of(here.desk.bulletin(BulletinId(bulletin), signed.person))


@router.get("/programme-templates", dependencies=[needs(Operation.COMPOSE)])
def templates(here: Here, signed: Staff) -> list[Template]:
    """Those of your places and of the ones above."""
    return [Template.of(each) for each in Templates(here.room).all(signed.person)]


@router.post("/programme-templates", status_code=201, dependencies=[needs(Operation.COMPOSE), Guard])
def keep(here: Here, signed: Staff, given: TemplateIn) -> Template:
    """Keep a programme to begin bulletins from."""
    desk = Templates(here.room)
    made = desk.keep(given.name, given.value(), signed.person)
    return next(Template.of(each) for each in desk.all(signed.person) if each.id == made)


@router.delete("/programme-templates/{template}", status_code=204, dependencies=[needs(Operation.COMPOSE), Guard])
def retire(here: Here, signed: Staff, template: str) -> None:
    """Offer it no more; bulletins that began from it stay."""
    Templates(here.room).retire(TemplateId(template), signed.person)
