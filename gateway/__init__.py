"""The way in for people and programs: REST, pages and sign-in. It holds no business rule."""
