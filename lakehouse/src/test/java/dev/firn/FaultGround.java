package dev.firn;

import java.util.List;
import java.util.Set;

/**
 * What a lakehouse stands on whose calls fail: a store, a database, and the way to fail them.
 * Confined.
 */
interface FaultGround {
  /** Returns where the lakehouse is, for one that never fails. */
  Settings settings();

  /** Opens a lakehouse there whose calls fail as told. */
  Lakehouse openFaulty();

  /** Forgets faults to come, and calls so far. */
  void reset();

  /**
   * Returns the faults that the calls since the last reset could have met, one list for each kind
   * of calls, which are sampled each for itself.
   */
  List<List<FaultPlan>> plans();

  /** Returns the locations of all files of the store. */
  Set<String> present();

  /**
   * Lets a file look old, so that a search for orphans takes it for one.
   *
   * @return whether this store can
   */
  boolean age(String location);

  /** Fails where an operation left something behind that is not a file. */
  void assertNothingOpen(String what);
}
