"""Forbear: a coach for people who lead people."""
