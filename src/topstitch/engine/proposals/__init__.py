"""What is proposed to a person who maps: default mappings, what they cover, and suggestions for the rest."""
