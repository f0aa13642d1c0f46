"""What tests of several folders share. What one folder alone needs lies in that folder."""
