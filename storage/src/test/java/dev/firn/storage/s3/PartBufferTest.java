package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartBufferTest {
  private static final int CAPACITY = 1_000_000;

  private final ChunkPool pool = new ChunkPool(8L << 20);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16 * 1024, 16 * 1024 + 1, 700_000, CAPACITY})
  void givesTheBytesInOrderAsOftenAsAsked(int size) throws IOException {
    byte[] bytes = bytes(size);
    PartBuffer buffer = PartBuffer.first(pool, CAPACITY);
    for (int at = 0; at < size; ) {
      at += buffer.append(bytes, at, Math.min(size - at, 77_777));
    }
    Part part = buffer.seal();
    assertThat(part.size()).isEqualTo(size);
    for (int time = 0; time < 2; time++) {
      try (InputStream in = part.open()) {
        assertThat(in.readAllBytes()).isEqualTo(bytes);
      }
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, size);
    byte[] bigEndian = ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
    assertThat(part.crc32c()).isEqualTo(Base64.getEncoder().encodeToString(bigEndian));
  }

  @Test
  void takesNoMoreThanItsCapacity() {
    PartBuffer buffer = PartBuffer.first(pool, CAPACITY);
    assertThat(buffer.append(bytes(CAPACITY - 1), 0, CAPACITY - 1)).isEqualTo(CAPACITY - 1);
    assertThat(buffer.isFull()).isFalse();
    assertThat(buffer.append(bytes(10), 0, 10)).isOne();
    assertThat(buffer.isFull()).isTrue();
    assertThat(buffer.append(bytes(10), 0, 10)).isZero();
  }

  @Test
  void costsASmallFileASmallChunk() {
    PartBuffer buffer = PartBuffer.first(pool, CAPACITY);
    buffer.append((byte) 1);
    assertThat(buffer.seal().pieces().stream().mapToInt(ByteBuffer::capacity).sum())
        .isLessThanOrEqualTo(16 * 1024);
  }

  @Test
  void usesChunksAgainWhileAWriterIsOpenAndForgetsThemAfter() {
    pool.enter();
    PartBuffer.following(pool, CAPACITY).release();
    assertThat(pool.freeBytes()).isZero();
    PartBuffer buffer = PartBuffer.following(pool, CAPACITY);
    buffer.append(bytes(CAPACITY), 0, CAPACITY);
    buffer.seal().release();
    assertThat(pool.freeBytes()).isEqualTo(4L * ChunkPool.CHUNK_BYTES);
    byte[] again = pool.take();
    assertThat(pool.freeBytes()).isEqualTo(3L * ChunkPool.CHUNK_BYTES);
    pool.leave();
    assertThat(pool.freeBytes()).isZero();
    pool.give(again);
    assertThat(pool.freeBytes()).as("late").isZero();
  }

  @Test
  void keepsNoMoreChunksThanItMay() {
    ChunkPool small = new ChunkPool(ChunkPool.CHUNK_BYTES);
    small.enter();
    small.give(new byte[ChunkPool.CHUNK_BYTES]);
    small.give(new byte[ChunkPool.CHUNK_BYTES]);
    small.give(new byte[10]);
    assertThat(small.freeBytes()).isEqualTo(ChunkPool.CHUNK_BYTES);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(5).nextBytes(bytes);
    return bytes;
  }
}
