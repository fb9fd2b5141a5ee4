package dev.firn.format.row;

/**
 * One Java type and one Iceberg type, and the way between; never sees null. A value that does not
 * fit is an {@link ArithmeticException}, {@link IllegalArgumentException} or {@link
 * ClassCastException}, which the struct above reports with its names.
 */
interface ValueBinding {
  Object toIceberg(Object value);

  Object fromIceberg(Object value);
}
