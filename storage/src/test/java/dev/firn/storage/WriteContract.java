package dev.firn.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files appear whole or not at all, and once. */
interface WriteContract extends StoreUnderTest {
  /** More than two parts of an upload. */
  int LARGE = 20 * 1024 * 1024 + 17;

  @Test
  default void positionCountsWhatWasWritten() throws IOException {
    try (StoreOutputStream out = store().newOutputFile(at("f")).create()) {
      assertThat(out.getPos()).isZero();
      out.write(7);
      out.write(new byte[100_000], 10, 99_000);
      assertThat(out.getPos()).isEqualTo(99_001);
      out.flush();
      assertThat(out.getPos()).isEqualTo(99_001);
    }
    assertThat(store().newInputFile(at("f")).getLength()).isEqualTo(99_001);
  }

  @Test
  default void largeFilesAreStreamed() throws IOException {
    byte[] bytes = StoreUnderTest.random(LARGE);

    try (StoreOutputStream out = store().newOutputFile(at("f")).create()) {
      for (int from = 0; from < bytes.length; from += 1_000_003) {
        out.write(bytes, from, Math.min(1_000_003, bytes.length - from));
      }
      assertThat(out.getPos()).isEqualTo(LARGE);
      assertThat(store().newInputFile(at("f")).exists()).isFalse();
    }

    assertThat(Arrays.equals(read(at("f")), bytes)).as("same bytes").isTrue();
    assertThat(list(place())).containsExactly(at("f"));
    assertThatThrownBy(() -> write(at("f"), new byte[1]))
        .isInstanceOf(AlreadyExistsException.class);
  }

  @Test
  default void fileIsNotThereBeforeItsStreamIsClosed() throws IOException {
    StoreOutputStream out = store().newOutputFile(at("f")).create();
    assertThat(store().newInputFile(at("f")).exists()).isFalse();
    out.write(new byte[200_000]);
    out.flush();

    assertThat(store().newInputFile(at("f")).exists()).isFalse();
    assertThat(list(place())).doesNotContain(at("f"));

    out.close();
    assertThat(list(place())).containsExactly(at("f"));
  }

  @Test
  default void closingTwiceIsClosingOnce() throws IOException {
    StoreOutputStream out = store().newOutputFile(at("f")).create();
    out.write(5);
    out.close();
    out.close();

    assertThat(read(at("f"))).containsExactly(5);
  }

  @Test
  default void writingAfterTheEndFails() throws IOException {
    StoreOutputStream closed = store().newOutputFile(at("closed")).create();
    closed.close();
    StoreOutputStream aborted = store().newOutputFile(at("aborted")).create();
    aborted.abort();

    for (StoreOutputStream out : List.of(closed, aborted)) {
      assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> out.write(new byte[10], 0, 10)).isInstanceOf(IOException.class);
    }
    assertThat(list(place())).containsExactly(at("closed"));
  }

  @Test
  default void createRefusesAnExistingFileAndKeepsIt() throws IOException {
    write(at("f"), "old".getBytes(UTF_8));

    assertThatThrownBy(() -> write(at("f"), "other".getBytes(UTF_8)))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining(at("f"));
    assertThatThrownBy(() -> write(at("f"), new byte[0]))
        .isInstanceOf(AlreadyExistsException.class);

    assertThat(read(at("f"))).asString(UTF_8).isEqualTo("old");
    assertThat(list(place())).containsExactly(at("f"));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, LARGE})
  default void slowerWriterLosesTheName(int size) throws IOException {
    StoreOutputStream slow = store().newOutputFile(at("f")).create();
    slow.write(new byte[size]);
    write(at("f"), "fast".getBytes(UTF_8));

    assertThatThrownBy(slow::close).isInstanceOf(AlreadyExistsException.class);
    assertThat(read(at("f"))).asString(UTF_8).isEqualTo("fast");
    assertThat(list(place())).containsExactly(at("f"));
  }

  @Test
  default void onlyOneOfSixteenRacingCreatesWins() throws Exception {
    for (int round = 0; round < 5; round++) {
      String location = at("race/" + round + "/f");
      List<String> winners =
          StoreUnderTest.together(
                  16,
                  writer -> {
                    try {
                      write(location, ("writer " + writer).getBytes(UTF_8));
                      return "writer " + writer;
                    } catch (AlreadyExistsException e) {
                      return "";
                    }
                  })
              .stream()
              .filter(winner -> !winner.isEmpty())
              .toList();
      assertThat(winners).as("winners of %s", location).hasSize(1);
      assertThat(read(location)).asString(UTF_8).isEqualTo(winners.get(0));
      assertThat(list(at("race/" + round))).containsExactly(location);
    }
  }

  @Test
  default void putIfAbsentTellsWhoCreated() throws Exception {
    ByteBuffer heap = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2);
    ByteBuffer direct = ByteBuffer.allocateDirect(4).put(new byte[] {9, 3, 4, 9}).flip();
    direct.position(1).limit(3);

    assertThat(store().putIfAbsent(at("p/f"), heap)).isTrue();
    assertThat(store().putIfAbsent(at("p/f"), direct.duplicate())).isFalse();
    assertThat(store().putIfAbsent(at("p/g"), direct)).isTrue();

    assertThat(read(at("p/f"))).containsExactly(1, 2);
    assertThat(read(at("p/g"))).containsExactly(3, 4);
    List<Boolean> won =
        StoreUnderTest.together(
            16, i -> store().putIfAbsent(at("p/h"), ByteBuffer.wrap(new byte[] {(byte) i})));
    assertThat(won).containsOnlyOnce(true);
    assertThat(read(at("p/h"))).containsExactly(won.indexOf(true));
  }

  @Test
  default void overwriteReplacesWhole() throws IOException {
    replace(at("f"), "one and more".getBytes(UTF_8));
    StoreOutputStream out = store().newOutputFile(at("f")).createOrOverwrite();
    out.write("two".getBytes(UTF_8));
    out.flush();
    assertThat(read(at("f"))).asString(UTF_8).isEqualTo("one and more");

    out.close();

    assertThat(read(at("f"))).asString(UTF_8).isEqualTo("two");
    assertThat(list(place())).containsExactly(at("f"));
  }

  /** Each generation is one byte, many times; a mix shows as two. */
  @Test
  default void readersSeeTheOldFileOrTheNewOne() throws Exception {
    int size = 40_000;
    replace(at("f"), new byte[size]);
    AtomicBoolean done = new AtomicBoolean();

    StoreUnderTest.together(
        4,
        thread -> {
          if (thread == 0) {
            try {
              replaceOften(size);
            } finally {
              done.set(true);
            }
          } else {
            readWhile(done, size);
          }
          return thread;
        });
  }

  private void replaceOften(int size) throws IOException {
    byte[] bytes = new byte[size];
    for (int generation = 1; generation <= 40; generation++) {
      Arrays.fill(bytes, (byte) generation);
      replace(at("f"), bytes);
    }
  }

  private void readWhile(AtomicBoolean done, int size) throws IOException {
    do {
      try (RangeReader reader = store().newInputFile(at("f"), size).openRanges()) {
        byte[] bytes = new byte[size];
        reader.readFully(0, ByteBuffer.wrap(bytes));
        assertThat(bytes).containsOnly(bytes[0]);
      }
    } while (!done.get());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000, LARGE})
  default void abortLeavesNothing(int size) throws IOException {
    StoreOutputStream out = store().newOutputFile(at("d/f")).create();
    out.write(new byte[size]);
    if (size == 100_000) {
      out.flush();
    }

    out.abort();

    assertThat(store().newInputFile(at("d/f")).exists()).isFalse();
    assertThat(list(place())).isEmpty();
    assertThatCode(out::abort).doesNotThrowAnyException();
    assertThatCode(out::close).doesNotThrowAnyException();
    assertThat(list(place())).isEmpty();
    write(at("d/f"), new byte[] {1});
    assertThat(read(at("d/f"))).containsExactly(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, LARGE})
  default void abortKeepsWhatWasThereBefore(int size) throws IOException {
    write(at("f"), "old".getBytes(UTF_8));
    StoreOutputStream out = store().newOutputFile(at("f")).createOrOverwrite();
    out.write(new byte[size]);

    out.abort();
    out.close();

    assertThat(read(at("f"))).asString(UTF_8).isEqualTo("old");
    assertThat(list(place())).containsExactly(at("f"));
  }

  @Test
  default void abortAfterCloseDoesNothing() throws IOException {
    StoreOutputStream out = store().newOutputFile(at("f")).create();
    out.write(new byte[] {1, 2});
    out.close();
    out.abort();
    assertThat(read(at("f"))).containsExactly(1, 2);

    StoreOutputStream lost = store().newOutputFile(at("g")).create();
    lost.write(3);
    write(at("g"), new byte[] {4});
    assertThatThrownBy(lost::close).isInstanceOf(AlreadyExistsException.class);
    lost.abort();

    assertThat(read(at("g"))).containsExactly(4);
    assertThat(list(place())).containsExactlyInAnyOrder(at("f"), at("g"));
  }

  @Test
  default void whatAFileWasWrittenToCanBeRead() throws IOException {
    StoreOutputFile file = store().newOutputFile(at("f"));
    assertThat(file.location()).isEqualTo(at("f"));
    try (StoreOutputStream out = file.create()) {
      out.write(6);
    }

    assertThat(file.toInputFile().location()).isEqualTo(at("f"));
    assertThat(file.toInputFile().getLength()).isEqualTo(1);
    assertThat(file.toInputFile().exists()).isTrue();
  }
}
