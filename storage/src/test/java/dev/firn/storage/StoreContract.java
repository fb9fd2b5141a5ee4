package dev.firn.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store does. */
public abstract class StoreContract {
  protected abstract Store files();

  /** Returns an empty place to write to, without a trailing slash, the same in one test. */
  protected abstract String root();

  @ParameterizedTest
  @ValueSource(ints = {1, 8191, 8192, 8193, 65_536, 65_537, 700_001})
  void whatIsWrittenIsRead(int size) throws IOException {
    byte[] bytes = random(size);
    String location = root() + "/deep/er/file.bin";

    write(location, bytes);

    assertThat(read(location)).isEqualTo(bytes);
    assertThat(files().newInputFile(location).getLength()).isEqualTo(size);
    assertThat(files().newInputFile(location).exists()).isTrue();
    assertThat(files().newInputFile(location).location()).isEqualTo(location);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "100%", "a%20b", "a+b", "city=New+York", "a:b", "$x", "~", "'q'"})
  void namesAreLiteral(String name) throws IOException {
    String location = root() + "/" + name + "/" + name + ".txt";

    write(location, name.getBytes(UTF_8));

    assertThat(read(location)).asString(UTF_8).isEqualTo(name);
    assertThat(list(root())).containsExactly(location);
    files().deleteFile(location);
    assertThat(files().newInputFile(location).exists()).isFalse();
  }

  @Test
  void positionCountsWhatWasWritten() throws IOException {
    try (PositionOutputStream out = files().newOutputFile(root() + "/f").create()) {
      assertThat(out.getPos()).isZero();
      out.write(7);
      out.write(new byte[100_000], 10, 99_000);
      assertThat(out.getPos()).isEqualTo(99_001);
    }
    assertThat(files().newInputFile(root() + "/f").getLength()).isEqualTo(99_001);
  }

  @Test
  void readsFromAnywhere() throws IOException {
    byte[] bytes = random(100_000);
    String location = root() + "/f";
    write(location, bytes);
    long seed = Long.getLong("firn.files.seed", 1);
    Random random = new Random(seed);

    try (SeekableInputStream in = files().newInputFile(location).newStream()) {
      for (int i = 0; i < 50; i++) {
        int from = random.nextInt(bytes.length);
        int length = Math.min(random.nextInt(20_000), bytes.length - from);
        in.seek(from);
        assertThat(in.readNBytes(length))
            .as("seed %d", seed)
            .isEqualTo(Arrays.copyOfRange(bytes, from, from + length));
        assertThat(in.getPos()).as("seed %d", seed).isEqualTo(from + length);
      }
      in.seek(bytes.length - 1);
      assertThat(in.read()).isEqualTo(bytes[bytes.length - 1] & 0xff);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void readsTheLastByteAgainAfterTheEnd() throws IOException {
    byte[] bytes = {1, 2, 3};
    String location = root() + "/f";
    write(location, bytes);

    try (SeekableInputStream in = files().newInputFile(location).newStream()) {
      assertThat(in.readNBytes(10)).isEqualTo(bytes);
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.getPos()).isEqualTo(3);
      in.seek(2);
      assertThat(in.read()).isEqualTo(3);
      assertThat(in.getPos()).isEqualTo(3);
    }
  }

  @Test
  void readsRangesAndTheTail() throws IOException {
    byte[] bytes = random(50_000);
    String location = root() + "/f";
    write(location, bytes);

    try (SeekableInputStream in = files().newInputFile(location).newStream()) {
      RangeReadable ranges = (RangeReadable) in;
      byte[] middle = new byte[1_000];
      ranges.readFully(20_000, middle);
      assertThat(middle).isEqualTo(Arrays.copyOfRange(bytes, 20_000, 21_000));
      byte[] tail = new byte[8];
      assertThat(ranges.readTail(tail)).isEqualTo(8);
      assertThat(tail).isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 8, bytes.length));
    }
  }

  @Test
  void missingFileIsNotFound() {
    String location = root() + "/missing";

    assertThat(files().newInputFile(location).exists()).isFalse();
    assertThatThrownBy(() -> read(location)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> files().newInputFile(location).getLength())
        .isInstanceOf(RuntimeException.class);
    assertThatCode(() -> files().deleteFile(location)).doesNotThrowAnyException();
  }

  @Test
  void overwriteReplaces() throws IOException {
    String location = root() + "/f";
    write(location, "one and more".getBytes(UTF_8));

    try (PositionOutputStream out = files().newOutputFile(location).createOrOverwrite()) {
      out.write("two".getBytes(UTF_8));
    }

    assertThat(read(location)).asString(UTF_8).isEqualTo("two");
  }

  @Test
  void listsAndDeletesAPrefix() throws IOException {
    write(root() + "/t/data/a", new byte[1]);
    write(root() + "/t/data/x/b", new byte[2]);
    write(root() + "/t/metadata/c", new byte[3]);
    write(root() + "/u/d", new byte[4]);

    assertThat(list(root() + "/t"))
        .containsExactlyInAnyOrder(
            root() + "/t/data/a", root() + "/t/data/x/b", root() + "/t/metadata/c");
    assertThat(StreamSupport.stream(files().listPrefix(root()).spliterator(), false))
        .extracting(FileInfo::size)
        .containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    assertThat(list(root() + "/nothing")).isEmpty();

    files().deletePrefix(root() + "/t");
    files().deletePrefix(root() + "/nothing");

    assertThat(list(root())).containsExactly(root() + "/u/d");
  }

  @Test
  void deletesManyAndForgivesMissing() throws IOException {
    List<String> locations = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      locations.add(root() + "/f" + i);
      write(root() + "/f" + i, new byte[i]);
    }
    locations.add(root() + "/missing");

    files().deleteFiles(locations);

    assertThat(list(root())).isEmpty();
  }

  protected final void write(String location, byte[] bytes) throws IOException {
    try (PositionOutputStream out = files().newOutputFile(location).create()) {
      out.write(bytes);
    }
  }

  protected final byte[] read(String location) {
    try (SeekableInputStream in = files().newInputFile(location).newStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  protected final List<String> list(String prefix) {
    return StreamSupport.stream(files().listPrefix(prefix).spliterator(), false)
        .map(FileInfo::location)
        .toList();
  }

  protected static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
