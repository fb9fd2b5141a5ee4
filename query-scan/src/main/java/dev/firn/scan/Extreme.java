package dev.firn.scan;

/** Which end of the values of a column. */
public enum Extreme {
  LOWEST,
  HIGHEST
}
