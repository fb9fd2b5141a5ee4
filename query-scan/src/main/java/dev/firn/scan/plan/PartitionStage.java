package dev.firn.scan.plan;

/** A builder of the values of one partition field: numbers, or slices of the buffer. */
record PartitionStage(int fieldId, Physical physical, LongStage values) {
  /** How values are stored. */
  enum Physical {
    BOOLEAN,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    BYTES;

    boolean isNumber() {
      return this != BYTES;
    }
  }
}
