"""Published data brought in through the same door as a school's file."""
