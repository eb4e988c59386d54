"""Who asks: sign-in, sessions on the server, and the internal token made of them."""
