"""The door: installs what is missing, starts the servers and the processes of the platform. Knows no Django."""
