"""What each service stands on; it would stay true if the product sold tickets."""
