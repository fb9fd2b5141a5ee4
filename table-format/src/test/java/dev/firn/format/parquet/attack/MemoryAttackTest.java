package dev.firn.format.parquet.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.testing.ArrowLeakCheck;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.AllocationListener;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.parquet.format.Encoding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The n-th allocation fails, for each n until none does: an error that says so, and nothing kept.
 */
@ExtendWith(ArrowLeakCheck.class)
class MemoryAttackTest {
  private static final int ENOUGH = 500;

  @Test
  void flatColumnsLetGoOfAllMemory(BufferAllocator root) {
    HostileFile laidOut = HeaderAttackTest.file().layOut(HeaderAttackTest.ROWS);
    // As of old writers: so the dictionary is asked, too.
    laidOut.meta(1).setEncodings(List.of(Encoding.RLE, Encoding.PLAIN_DICTIONARY));
    byte[] file = laidOut.bytes();
    assertThat(failEach(file, HeaderAttackTest.SCHEMA, Expressions.alwaysTrue(), root))
        .isGreaterThan(10);
    assertThat(failEach(file, HeaderAttackTest.SCHEMA, Expressions.equal("i", 10), root))
        .isGreaterThan(10);
    assertThat(failEach(file, HeaderAttackTest.SCHEMA, Expressions.equal("s", "c"), root))
        .isGreaterThan(10);
  }

  @Test
  void nestedColumnsLetGoOfAllMemory(BufferAllocator root) {
    int[] rep = {0, 1, 0, 0, 0};
    int[] def = {4, 4, 1, 0, 3};
    byte[] file =
        LevelsAttackTest.file(
            4, LevelsAttackTest.column("a", rep, def), LevelsAttackTest.column("b", rep, def));
    assertThat(failEach(file, LevelsAttackTest.SCHEMA, Expressions.alwaysTrue(), root))
        .isGreaterThan(5);
    assertThat(failEach(file, LevelsAttackTest.SCHEMA, Expressions.notNull("l"), root))
        .isGreaterThan(5);
  }

  /** Returns how many allocations a whole read has. */
  private static int failEach(byte[] file, Schema schema, Expression filter, BufferAllocator root) {
    for (int allowed = 0; allowed < ENOUGH; allowed++) {
      Countdown countdown = new Countdown(allowed);
      try (BufferAllocator limited = root.newChildAllocator("limited", countdown, 0, 1 << 30)) {
        try {
          HostileFile.read(file, schema, filter, RowGroupPruner.Means.ALL, limited);
          return allowed;
        } catch (FirnException e) {
          assertThat(e.kind()).as("after %d: %s", allowed, e).isEqualTo(ErrorKind.INVALID);
          assertThat(e.getMessage()).contains("memory");
        }
        assertThat(limited.getAllocatedMemory()).as("after %d allocations", allowed).isZero();
      }
    }
    throw new AssertionError("more than " + ENOUGH + " allocations");
  }

  private static final class Countdown implements AllocationListener {
    private final AtomicInteger left;

    Countdown(int allowed) {
      left = new AtomicInteger(allowed);
    }

    @Override
    public void onPreAllocation(long size) {
      if (left.getAndDecrement() <= 0) {
        throw new OutOfMemoryException("no memory left");
      }
    }
  }
}
