package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.schema.PrimitiveType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Chunks with flipped bits and cut off ends: an error, or what a reader cannot tell from values.
 */
@ExtendWith(ArrowLeakCheck.class)
class DamagedChunkTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 5);
  private static final int ROUNDS = Integer.getInteger("firn.pages.fuzz.rounds", 3000);
  private static final int BATCH = 700;

  @Test
  void everyDamageIsAnErrorOrUnnoticed(BufferAllocator allocator) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    List<Map.Entry<PrimitiveType, Encoding>> kinds = RandomChunk.kinds();
    int faults = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Map.Entry<PrimitiveType, Encoding> kind = kinds.get(round % kinds.size());
      int size = random.nextInt(random.nextInt(10) == 0 ? 3000 : 60);
      RandomChunk chunk = new RandomChunk(kind.getKey(), kind.getValue(), size, random, allocator);
      byte[] bytes = chunk.chunk.bytes();
      for (int variant = 0; variant < 10 && bytes.length > 0; variant++) {
        byte[] damaged = damage(bytes, random);
        faults += read(chunk, damaged, random, allocator) ? 0 : 1;
      }
    }
    assertThat(faults).isGreaterThan(ROUNDS);
  }

  private static byte[] damage(byte[] bytes, Random random) {
    int length = random.nextInt(5) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
    byte[] damaged = Arrays.copyOf(bytes, length);
    for (int flips = random.nextInt(4); flips >= 0 && length > 0; flips--) {
      // headers and the fronts of pages are the interesting places
      int at = random.nextInt(random.nextBoolean() ? length : Math.min(length, 60));
      damaged[at] ^= (byte) (1 << random.nextInt(8));
    }
    return damaged;
  }

  /** Reads as a reader does; false where that was refused. */
  private static boolean read(
      RandomChunk original, byte[] bytes, Random random, BufferAllocator allocator) {
    ChunkSpec spec = original.chunk.spec(Conversion.NONE);
    long start = System.nanoTime();
    boolean whole = true;
    try (ArrowBuf buffer = allocator.buffer(bytes.length)) {
      buffer.setBytes(0, bytes);
      try (ColumnChunk pages = ColumnChunk.open(spec, buffer, 0, bytes.length, allocator)) {
        try {
          while (pages.nextPage()) {
            readPage(pages, original, random, allocator);
          }
        } catch (CorruptPageException e) {
          throw pages.corrupt(e);
        }
      }
    } catch (FirnException e) {
      assertThat(e.kind()).as("%s", e).isIn(ErrorKind.CORRUPT, ErrorKind.INVALID);
      assertThat(e)
          .hasMessageStartingWith("Cannot read column a.b: ")
          .hasMessageContaining("[s3://bucket/data.parquet, row group 3, page")
          .hasMessageContaining(" at byte ");
      whole = false;
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    return whole;
  }

  private static void readPage(
      ColumnChunk pages, RandomChunk original, Random random, BufferAllocator allocator) {
    int max = original.column.getMaxDefinitionLevel();
    int entries = pages.entries();
    short[] levels = new short[entries];
    pages.repetition().read(entries, levels, 0);
    pages.definition().read(entries, levels, 0);
    int present = 0;
    for (short level : levels) {
      present += level == max ? 1 : 0;
    }
    PageValues values = pages.values();
    int[] take = new int[BATCH];
    try (ArrowBuf out = allocator.buffer((long) BATCH * Math.max(4, values.width()));
        VarBuffers texts = new VarBuffers(allocator)) {
      for (int done = 0; done < present; done += BATCH) {
        int now = Math.min(BATCH, present - done);
        Arrays.setAll(take, i -> i);
        texts.start(now, 0);
        int how = random.nextInt(4);
        if (how == 0) {
          values.skip(now);
        } else if (how == 1 && values.isDictionary()) {
          values.readIds(now, out.memoryAddress());
        } else if (values.width() > 0) {
          values.readTaken(now, take, now, out.memoryAddress());
        } else if (how == 2) {
          values.readTaken(now, take, now, texts);
        } else {
          values.read(now, texts);
        }
      }
    }
  }
}
