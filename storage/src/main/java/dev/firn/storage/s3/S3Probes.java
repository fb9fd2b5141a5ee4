package dev.firn.storage.s3;

import dev.firn.storage.StoreOutputStream;
import dev.firn.storage.StoreProbe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What to try of S3 and its compatibles. Immutable. Borrows the clients. */
record S3Probes(S3Clients clients) {
  private static final int FILES = 5;
  private static final int PAGE = 2;

  List<StoreProbe> all() {
    return List.of(
        new StoreProbe(
            "multipart upload",
            true,
            "set s3.multipart.part-size-bytes to more than any file, at most 5 GiB",
            this::uploads),
        new StoreProbe(
            "abort of uploads",
            false,
            "let the bucket's life cycle remove incomplete uploads",
            this::aborts),
        new StoreProbe("paging of lists", true, "", this::pages),
        new StoreProbe(
            "checksums verified",
            false,
            "set s3.checksum-enabled=true to send MD5s too, or use https",
            this::verifies));
  }

  private @Nullable String uploads(String directory) throws IOException {
    S3OutputFile file = file(directory + "/large");
    long size = partBytes(file) + 1;
    try (StoreOutputStream out = file.create()) {
      fill(out, size);
    }
    long length = file.toInputFile().getLength();
    return length == size ? null : "expected a file of " + size + " bytes, got " + length;
  }

  private @Nullable String aborts(String directory) throws IOException {
    S3OutputFile file = file(directory + "/large");
    StoreOutputStream out = file.create();
    fill(out, partBytes(file) + 1);
    out.abort();
    S3Location location = file.file();
    int left =
        OpenUpload.list(file.connection().client(), location.bucket(), location.key()).size();
    return left == 0 ? null : left + " uploads were left";
  }

  private @Nullable String pages(String directory) throws IOException {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      S3OutputFile file = file(directory + "/" + i);
      file.createOrOverwrite().close();
      expected.add(file.file().key());
    }
    S3OutputFile any = file(directory + "/");
    List<String> found =
        any
            .connection()
            .client()
            .listObjectsV2Paginator(
                list -> list.bucket(any.file().bucket()).prefix(any.file().key()).maxKeys(PAGE))
            .contents()
            .stream()
            .map(S3Object::key)
            .toList();
    return found.equals(expected) ? null : "expected " + expected + ", got " + found;
  }

  /** Sends bytes with the checksum of others. */
  private @Nullable String verifies(String directory) {
    S3OutputFile file = file(directory + "/damaged");
    WriteRequests requests = WriteRequests.of(file.file(), file.connection().settings(), false);
    if (requests.settings().checksums() == WriteSettings.Checksums.NONE) {
      return "they are switched off";
    }
    Part bytes = part("these bytes");
    PutObjectRequest damaged =
        requests.put(bytes).toBuilder().checksumCRC32C(part("other bytes").crc32c()).build();
    try {
      file.connection().client().putObject(damaged, bytes.body());
      return "a file was taken whose checksum is of other bytes";
    } catch (RuntimeException e) {
      // Some refuse by an answer, some end the connection.
      S3Write write = new S3Write(file.connection(), clients.uploads(), requests);
      if (write.look() == S3Write.Standing.ABSENT) {
        return null;
      }
      throw write.failed(e);
    }
  }

  private Part part(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Part(List.of(ByteBuffer.wrap(bytes)), List.of(), clients.uploads().pool());
  }

  private static long partBytes(S3OutputFile file) {
    return WriteSettings.of(file.connection().settings().properties()).partBytes();
  }

  private static void fill(StoreOutputStream out, long size) throws IOException {
    byte[] block = new byte[1 << 16];
    for (long at = 0; at < size; at += block.length) {
      out.write(block, 0, (int) Math.min(block.length, size - at));
    }
  }

  private S3OutputFile file(String location) {
    S3Location parsed = clients.parse(location);
    return new S3OutputFile(parsed, new S3Connection(clients, parsed));
  }
}
