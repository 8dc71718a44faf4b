"""Tests of Forbear."""
