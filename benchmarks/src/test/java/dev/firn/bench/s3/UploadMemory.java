package dev.firn.bench.s3;

import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.testing.S3Server;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.zip.CRC32C;
import org.apache.iceberg.aws.s3.S3FileIO;

/**
 * How much memory, and how much time, does it take to write 1 GB to S3 through one stream? Against
 * Iceberg's {@code S3FileIO}, which stages its parts on the local disk. Each side runs in a small
 * process of its own, {@link UploadMemoryProcess}, so that the server's memory is not in the
 * figures; what it wrote is then read and compared. Each request takes 20 ms more than the server
 * does.
 */
final class UploadMemory {
  private static final String MEMORY = "s3.upload.1g.memory-mb";
  private static final String TIME = "s3.upload.1g.vs-iceberg";
  private static final double MEGABYTE = 1 << 20;
  private static final long FULL_BYTES = 1L << 30;
  private static final long TINY_BYTES = 20L << 20;
  private static final Duration LATENCY = Duration.ofMillis(20);

  private final Run run;
  private final long bytes;

  UploadMemory(Run run) {
    this.run = run;
    this.bytes = run.quick() ? TINY_BYTES : FULL_BYTES;
  }

  void run() throws Exception {
    if (!run.wants(MEMORY) && !run.wants(TIME)) {
      return;
    }
    try (S3Server server = S3Server.start()) {
      Side ours = measure(server, "firn");
      Side peer = measure(server, "iceberg");
      boolean correct = ours.correct() && peer.correct();
      run.add(memory(ours, peer, correct));
      run.add(
          new Result(
              TIME,
              ours.figure("seconds"),
              peer.figure("seconds"),
              "s",
              peer.figure("seconds") / ours.figure("seconds"),
              correct,
              Map.of("bytes", (double) bytes)));
    }
  }

  private static Result memory(Side ours, Side peer, boolean correct) {
    return new Result(
        MEMORY,
        ours.figure("peak") / MEGABYTE,
        peer.figure("peak") / MEGABYTE,
        "MB",
        ours.figure("peak") / peer.figure("peak"),
        correct,
        Map.of(
            "oursDirectMb", ours.figure("direct") / MEGABYTE,
            "peerDirectMb", peer.figure("direct") / MEGABYTE,
            "oursBaselineMb", ours.figure("baseline") / MEGABYTE,
            "samples", ours.figure("samples")));
  }

  private record Side(Properties figures, boolean correct) {
    double figure(String name) {
      return Double.parseDouble(figures.getProperty(name));
    }
  }

  private Side measure(S3Server server, String side) throws Exception {
    String bucket = server.newBucket();
    server.faults().latency(bucket, LATENCY);
    String location = bucket + "/" + side;
    Properties figures = new Properties();
    figures.load(new StringReader(write(server, side, location)));
    server.faults().clear(bucket);
    return new Side(figures, isThere(server, location));
  }

  private String write(S3Server server, String side, String location) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "@" + Path.of(System.getProperty("firn.root", "."), "jvm.options"),
                "-cp",
                System.getProperty("java.class.path"),
                UploadMemoryProcess.class.getName(),
                side,
                location,
                Long.toString(bytes),
                run.quick() ? "1" : "3")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      Properties properties = new Properties();
      properties.putAll(server.properties());
      StringWriter text = new StringWriter();
      properties.store(text, null);
      process.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      String figures = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException("the writing process failed with status " + status);
      }
      return figures;
    } finally {
      process.destroyForcibly();
    }
  }

  private boolean isThere(S3Server server, String location) throws Exception {
    CRC32C expected = new CRC32C();
    UploadMemoryProcess.forEachBlock(bytes, (block, length) -> expected.update(block, 0, length));
    CRC32C found = new CRC32C();
    try (S3FileIO files = new S3FileIO()) {
      files.initialize(server.properties());
      try (InputStream in = files.newInputFile(location).newStream()) {
        byte[] buffer = new byte[1 << 20];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          found.update(buffer, 0, count);
        }
      }
      files.deleteFiles(List.of(location));
    }
    return found.getValue() == expected.getValue();
  }
}
