"""Reference data, dated: register codes, schools, and the calendars half-terms come from."""
