"""The edge agent: the program in the box of one speaker cluster. It holds the plan and plays it."""
