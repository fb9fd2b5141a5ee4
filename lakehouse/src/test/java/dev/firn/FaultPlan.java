package dev.firn;

/** A fault that a call of an operation can meet. */
record FaultPlan(String name, Runnable prepare) {
  @Override
  public String toString() {
    return name;
  }
}
