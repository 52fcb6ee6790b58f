"""From backscatter and indices to soil moisture: eqs. 6 to 9 of Li et al. (2025)."""
