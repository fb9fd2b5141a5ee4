package dev.firn.testing;

import dev.firn.testing.Fault.Damage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Faults by chance: of a store's operations, one in so many. The same seed gives the same faults to
 * the same operations in the same order. Confined.
 */
final class FaultChance {
  private static final Set<FileOperation> WITH_EFFECT =
      EnumSet.of(FileOperation.CREATE, FileOperation.CLOSE, FileOperation.DELETE);

  private final Random random;
  private final double rate;
  private final Set<Damage> kinds;

  FaultChance(long seed, double rate, Set<Damage> kinds) {
    this.random = new Random(seed);
    this.rate = rate;
    this.kinds = kinds;
  }

  @Nullable Fault next(FileOperation operation) {
    // always two draws, so that an operation's fate depends on its place alone
    boolean hit = random.nextDouble() < rate;
    int choice = random.nextInt(1 << 20);
    List<Fault> possible = hit ? possible(operation) : List.of();
    return possible.isEmpty() ? null : possible.get(choice % possible.size());
  }

  private List<Fault> possible(FileOperation operation) {
    List<Fault> possible = new ArrayList<>();
    if (kinds.contains(Damage.ERROR)) {
      possible.add(Fault.before(operation, 1));
    }
    if (kinds.contains(Damage.ERROR) && WITH_EFFECT.contains(operation)) {
      possible.add(Fault.after(operation, 1));
    }
    if (kinds.contains(Damage.LATENCY)) {
      possible.add(Fault.late(operation, 1));
    }
    if (kinds.contains(Damage.TRUNCATED) && operation == FileOperation.READ) {
      possible.add(Fault.truncated(1));
    }
    if (kinds.contains(Damage.FLIPPED) && operation == FileOperation.READ) {
      possible.add(Fault.flipped(1));
    }
    return possible;
  }
}
