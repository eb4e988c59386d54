"""What finance officers do about money beside requests: paying, proposals, codes, publishing."""
