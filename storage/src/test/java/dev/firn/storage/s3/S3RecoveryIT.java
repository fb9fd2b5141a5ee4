package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.ByteRange;
import dev.firn.storage.RangeReader;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreOutputStream;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import dev.firn.testing.s3.S3Fault;
import dev.firn.testing.s3.S3RequestKind;
import dev.firn.testing.s3.S3Rule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What breaks on the wire is mended within the retries, or said. */
@ExtendWith(TestServers.class)
class S3RecoveryIT {
  private static final int RETRIES = 3;

  private final S3Store store = new S3Store();
  private S3Server server;
  private String bucket;

  @BeforeEach
  void connect(S3Server running) {
    server = running;
    bucket = server.newBucket();
    Map<String, String> properties = new HashMap<>(server.properties());
    properties.put("s3.retry.num-retries", Integer.toString(RETRIES));
    properties.put("s3.retry.min-wait-ms", "1");
    properties.put("s3.retry.max-wait-ms", "5");
    properties.put("http-client.apache.socket-timeout-ms", "400");
    store.initialize(properties);
  }

  @AfterEach
  void disconnect() {
    server.faults().clear(bucket);
    store.close();
  }

  private byte[] write(String location, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    try (StoreOutputStream out = store.newOutputFile(location).create()) {
      out.write(bytes);
    }
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(
      value = S3Fault.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FLIPPED_REQUEST", "FLIPPED_ANSWER"})
  void readsAreSentAgain(S3Fault fault) throws Exception {
    String location = bucket + "/f";
    byte[] bytes = write(location, 300_000);
    server.faults().add(S3Rule.on(bucket, request -> true, fault));
    StoreCounts before = store.counts();

    try (RangeReader reader = store.newInputFile(location).openRanges()) {
      ByteBuffer target = ByteBuffer.allocateDirect(200_000);
      reader.readFully(50_000, target);
      assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes, 50_000, 200_000));

      server.faults().add(S3Rule.on(bucket, request -> true, fault));
      ByteBuffer tail = ByteBuffer.allocate(70_000);
      assertThat(reader.readTail(tail)).isEqualTo(70_000);
      assertThat(tail.flip()).isEqualTo(ByteBuffer.wrap(bytes, 230_000, 70_000));

      server.faults().add(S3Rule.on(bucket, request -> true, fault));
      ByteRange first = new ByteRange(0, ByteBuffer.allocate(60_000));
      ByteRange second = new ByteRange(200_000, ByteBuffer.allocateDirect(50_000));
      reader.readAll(List.of(second, first)).get(1, TimeUnit.MINUTES);
      assertThat(first.target().flip()).isEqualTo(ByteBuffer.wrap(bytes, 0, 60_000));
      assertThat(second.target().flip()).isEqualTo(ByteBuffer.wrap(bytes, 200_000, 50_000));
    }
    server.faults().add(S3Rule.on(bucket, request -> true, fault));
    try (SeekableInputStream in = store.newInputFile(location).newStream()) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }

    StoreCounts counts = store.counts().since(before);
    assertThat(counts.retries()).isEqualTo(fault == S3Fault.LATENCY ? 0 : 4);
    assertThat(counts.throttled()).isEqualTo(fault == S3Fault.SLOW_DOWN ? 4 : 0);
    assertThat(counts.requests()).isEqualTo(4);
    assertThat(server.faults().happened(bucket)).containsEntry(fault, 4L);
  }

  @Test
  void wholeFileWithFlippedBitIsReadAgain() throws IOException {
    String location = bucket + "/f";
    byte[] bytes = write(location, 100_000);
    server.faults().add(S3Rule.on(bucket, S3RequestKind.GET, S3Fault.FLIPPED_ANSWER));

    try (SeekableInputStream in = store.newInputFile(location).newStream()) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    assertThat(store.counts().retries()).isEqualTo(1);
  }

  @Test
  void wholeFileThatStaysDamagedIsCorrupt() throws IOException {
    String location = bucket + "/f";
    write(location, 100_000);
    server.faults().add(S3Rule.on(bucket, S3RequestKind.GET, S3Fault.FLIPPED_ANSWER).always());

    try (SeekableInputStream in = store.newInputFile(location).newStream()) {
      assertThatThrownBy(in::read)
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("checksum does not match")
          .hasMessageContaining("[" + location + "]")
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.CORRUPT);
    }
    assertThat(server.requests().count(bucket, S3RequestKind.GET)).isEqualTo(RETRIES + 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = S3Fault.class,
      names = {"SLOW_DOWN", "INTERNAL_ERROR", "RESET_BODY", "TRUNCATED_BODY", "STALL"})
  void storeThatStaysBrokenIsUnavailable(S3Fault fault) throws IOException {
    String location = bucket + "/f";
    write(location, 100_000);
    server.requests().reset(bucket);
    server.faults().add(S3Rule.on(bucket, S3RequestKind.GET_RANGE, fault).always());

    try (RangeReader reader = store.newInputFile(location, 100_000).openRanges()) {
      assertThatThrownBy(() -> reader.readFully(0, ByteBuffer.allocate(90_000)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("[" + location + "]")
          .cause()
          .isInstanceOf(FirnException.class)
          .extracting(e -> ((FirnException) e).kind())
          .isEqualTo(ErrorKind.UNAVAILABLE);
    }
    assertThat(server.requests().of(bucket)).hasSize(RETRIES + 1);
  }

  @Test
  void listsAndDeletesAreSentAgain() throws IOException {
    List<String> locations = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      locations.add(bucket + "/t/f" + i);
      write(locations.get(i), i);
    }
    for (S3Fault fault : List.of(S3Fault.RESET_BODY, S3Fault.TRUNCATED_BODY, S3Fault.SLOW_DOWN)) {
      server.faults().add(S3Rule.on(bucket, S3RequestKind.LIST, fault));
      server.faults().add(S3Rule.on(bucket, S3RequestKind.DELETE_MANY, fault));
      server.faults().add(S3Rule.on(bucket, S3RequestKind.HEAD, fault));
    }

    assertThat(StreamSupport.stream(store.listPrefix(bucket + "/t").spliterator(), false))
        .extracting(FileInfo::location)
        .isEqualTo(locations);
    assertThat(store.newInputFile(locations.get(4)).getLength()).isEqualTo(4);
    store.deleteFiles(locations);
    assertThat(store.listPrefix(bucket + "/t")).isEmpty();
  }

  @Test
  void readsAWholeLargeFileByGrowingRanges() throws IOException {
    String location = bucket + "/f";
    byte[] bytes = write(location, 17_000_000);
    server.requests().reset(bucket);

    try (SeekableInputStream in = store.newInputFile(location, bytes.length).newStream()) {
      assertThat(Arrays.equals(in.readAllBytes(), bytes)).as("same bytes").isTrue();
      in.seek(1_000_000);
      assertThat(in.readNBytes(3)).isEqualTo(Arrays.copyOfRange(bytes, 1_000_000, 1_000_003));
    }
    // 64 KiB, twice as much each time, and one for the seek.
    assertThat(server.requests().counts(bucket)).isEqualTo(Map.of(S3RequestKind.GET_RANGE, 10L));
  }

  @Test
  void ignoredRangeIsFoundInTheWholeFile() throws Exception {
    try (CannedS3 canned = new CannedS3(any -> CannedS3.Told.ok("0123456789"));
        S3Store whole = canned.store();
        RangeReader reader = whole.newInputFile("s3://b/f").openRanges()) {
      ByteBuffer middle = ByteBuffer.allocate(3);
      reader.readFully(4, middle);
      assertThat(middle.array()).asString().isEqualTo("456");
      ByteBuffer tail = ByteBuffer.allocate(2);
      assertThat(reader.readTail(tail)).isEqualTo(2);
      assertThat(tail.array()).asString().isEqualTo("89");
    }
  }
}
