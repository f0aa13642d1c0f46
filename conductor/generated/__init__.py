"""What is generated into the documents from the code itself, by `make diagram` and `make catalogue`."""
