"""READY.md -> Plan, pure: no clock, no file system, no log."""
