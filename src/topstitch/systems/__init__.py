"""One self-contained folder a system. Nothing outside a folder is edited to add one."""
