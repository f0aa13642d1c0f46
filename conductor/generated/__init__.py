"""What is generated into the documents from the code itself."""
