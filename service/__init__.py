"""The command line, and starting and watching everything on one machine."""
