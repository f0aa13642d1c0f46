"""Processes of others: started in a group of their own, ended with everything they began, told no secrets."""
