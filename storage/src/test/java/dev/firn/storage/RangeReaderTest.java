package dev.firn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.storage.scheme.SchemeFileIO;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RangeReaderTest {
  @TempDir Path folder;

  private static byte[] bytes() {
    byte[] bytes = new byte[1_000_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + i / 256);
    }
    return bytes;
  }

  private InputFile local() throws IOException {
    Path path = folder.resolve("file");
    Files.write(path, bytes());
    try (SchemeFileIO io = new SchemeFileIO()) {
      io.initialize(Map.of());
      return io.newInputFile(path.toString());
    }
  }

  @Test
  void readsLocalFiles() throws IOException {
    try (RangeReader reader = RangeReader.open(local())) {
      assertThat(reader.isLocal()).isTrue();
      check(reader);
    }
  }

  @Test
  void readsStreamsThatCanOnlySeek() throws IOException {
    try (RangeReader reader = RangeReader.open(new InMemoryInputFile(bytes()))) {
      assertThat(reader.isLocal()).isFalse();
      check(reader);
    }
  }

  @Test
  void readsStreamsOfRanges() throws IOException {
    try (RangeReader reader = RangeReader.open(new RangedFile(local()))) {
      assertThat(reader.isLocal()).isFalse();
      check(reader);
    }
  }

  @Test
  void saysThatTheFileIsMissing() {
    try (SchemeFileIO io = new SchemeFileIO()) {
      io.initialize(Map.of());
      InputFile missing = io.newInputFile(folder.resolve("none").toString());
      assertThatThrownBy(() -> RangeReader.open(missing)).isInstanceOf(NotFoundException.class);
    }
  }

  private static void check(RangeReader reader) throws IOException {
    byte[] bytes = bytes();
    assertThat(reader.length()).isEqualTo(bytes.length);
    for (boolean direct : new boolean[] {true, false}) {
      for (int size : new int[] {0, 1, 700_000}) {
        for (int position : new int[] {0, 13, bytes.length - size}) {
          ByteBuffer target =
              direct ? ByteBuffer.allocateDirect(size + 2) : ByteBuffer.allocate(size + 2);
          target.position(1).limit(size + 1);
          reader.readFully(position, target);
          assertThat(target.hasRemaining()).isFalse();
          target.position(1);
          assertThat(target).isEqualTo(ByteBuffer.wrap(bytes, position, size));
        }
      }
    }
    assertThatThrownBy(() -> reader.readFully(bytes.length - 5, ByteBuffer.allocate(6)))
        .isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> reader.readFully(bytes.length + 5L, ByteBuffer.allocateDirect(1)))
        .isInstanceOf(EOFException.class);
  }

  /** A file whose type says nothing, with streams that read ranges. */
  private record RangedFile(InputFile file) implements InputFile {
    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      SeekableInputStream stream = file.newStream();
      assertThat(stream).isInstanceOf(RangeReadable.class);
      return stream;
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public boolean exists() {
      return file.exists();
    }
  }
}
