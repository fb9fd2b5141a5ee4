package dev.firn.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a store should be able to do, and how to find out. Immutable.
 *
 * @param feature what it is, in a few words
 * @param needed whether Firn is not safe without it
 * @param remedy what to set or do where it is missing
 */
public record StoreProbe(String feature, boolean needed, String remedy, Attempt attempt) {
  /** Tries it. */
  @FunctionalInterface
  public interface Attempt {
    /**
     * Tries it with files in a directory that nobody else uses.
     *
     * @return null where the store can do it, else what it did instead
     * @throws Exception where it cannot be tried
     */
    @Nullable String problem(String directory) throws Exception;
  }

  /** A store with more to try than all stores have. */
  public interface Source {
    /** What to try, in order. */
    List<StoreProbe> probes();
  }
}
