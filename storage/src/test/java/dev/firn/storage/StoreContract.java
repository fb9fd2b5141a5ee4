package dev.firn.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

/** What every store does, by noun; a store's test extends it. */
public abstract class StoreContract
    implements StreamContract, RangeContract, WriteContract, ListContract, CountContract {
  protected abstract Store files();

  /** Returns an empty place to write to, without a trailing slash, the same in one test. */
  protected abstract String root();

  /** A capability: whether the request for a file's tail also tells its length. */
  protected boolean tailTellsLength() {
    return true;
  }

  @Override
  public final int requestsForTailAndLength() {
    return tailTellsLength() ? 1 : 2;
  }

  @Override
  public final Store store() {
    return files();
  }

  @Override
  public final String place() {
    return root();
  }

  @Test
  void serialisedCopyReadsWhatWasWritten() throws IOException, ClassNotFoundException {
    write(at("f"), new byte[] {1, 2, 3});
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(files());
    }

    try (ObjectInputStream in =
            new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        Store copy = (Store) in.readObject()) {
      assertThat(copy.properties()).isEqualTo(files().properties());
      assertThat(copy.newInputFile(at("f")).getLength()).isEqualTo(3);
      assertThat(copy.counts().heads()).isEqualTo(1);
      copy.deleteFile(at("f"));
    }
    assertThat(files().newInputFile(at("f")).exists()).isFalse();
  }

  protected static byte[] random(int size) {
    return StoreUnderTest.random(size);
  }
}
