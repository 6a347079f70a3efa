"""REST: the edge every room's API is made of. Empty on purpose: the framework imports its parts one by one."""
