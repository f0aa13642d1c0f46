"""External processes: started in their own group, ended with everything they started, given no secrets."""
