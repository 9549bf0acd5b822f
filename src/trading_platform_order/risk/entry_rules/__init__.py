"""The rules an entry must pass, a file for each family. An exit is never refused by one."""
