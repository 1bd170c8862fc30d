"""How fast the program is: one table, in ratios that hold on any machine."""
