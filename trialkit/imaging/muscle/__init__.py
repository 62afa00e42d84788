"""What is measured of a muscle: area, volume, fat, grades, asymmetry, and ratios to other structures."""
