//! GroupError: the rules of Chat groups said no — meaning without numbers.
