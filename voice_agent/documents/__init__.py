"""The documents a data-protection officer asks for, made from the configuration (rule C30)."""
