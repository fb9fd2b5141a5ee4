package dev.firn.bench.write;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import dev.firn.bench.measure.Stopwatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;

/**
 * The comparisons over one data set in one codec. Files go to local disk, unforced on each side.
 */
final class Writes {
  private static final String GENERIC = "iceberg-generic";
  private static final String DUCKDB = "duckdb";
  static final List<String> PEERS = List.of(GENERIC, DUCKDB);

  private static final int ZSTD_LEVEL = 3;
  private static final double LARGEST = 1.05;

  private final Run run;
  private final String prefix;
  private final String codec;
  private final Batches batches;
  private final Digest expected;
  private final OurWriter ours;
  private final Map<String, String> properties;

  Writes(Run run, String prefix, String codec, Batches batches, BufferAllocator allocator) {
    this.run = run;
    this.prefix = prefix;
    this.codec = codec;
    this.batches = batches;
    this.expected = batches.digest();
    this.properties =
        codec.equals("zstd")
            ? Map.of(
                TableProperties.PARQUET_COMPRESSION,
                codec,
                TableProperties.PARQUET_COMPRESSION_LEVEL,
                Integer.toString(ZSTD_LEVEL))
            : Map.of(TableProperties.PARQUET_COMPRESSION, codec);
    this.ours = new OurWriter(batches, properties, allocator);
  }

  /** {@code table} holds the same rows as the batches. */
  void run(Table table) throws Exception {
    String vsGeneric = id(prefix, GENERIC);
    if (run.wants(vsGeneric)) {
      try (FileWriter generic = new GenericWriter(batches, properties)) {
        compare(vsGeneric, generic, LARGEST);
      }
    }
    String vsDuckDb = id(prefix, DUCKDB);
    if (run.wants(vsDuckDb)) {
      try (FileWriter duckDb = DuckWriter.load(table, copyOptions())) {
        compare(vsDuckDb, duckDb, Double.MAX_VALUE);
      }
    }
  }

  static String id(String prefix, String peer) {
    return prefix + "t1.vs-" + peer;
  }

  private String copyOptions() {
    return "COMPRESSION "
        + codec
        + (codec.equals("zstd") ? ", COMPRESSION_LEVEL " + ZSTD_LEVEL : "");
  }

  /**
   * Compares with a peer. Correct: the peer reads what was written from both files, and ours is at
   * most {@code largest} times the size of the peer's.
   */
  private void compare(String id, FileWriter peer, double largest) throws Exception {
    Path ourFile = run.directory().resolve("ours.parquet").toAbsolutePath();
    Path peerFile = run.directory().resolve("peer.parquet").toAbsolutePath();
    ours.write(fresh(ourFile), new Stopwatch());
    peer.write(fresh(peerFile), new Stopwatch());
    double ourBytes = Files.size(ourFile);
    double peerBytes = Files.size(peerFile);
    boolean equal = peer.digest(ourFile).equals(expected) && peer.digest(peerFile).equals(expected);
    Side our = watch -> ours.write(fresh(ourFile), watch);
    Side their = watch -> peer.write(fresh(peerFile), watch);
    run.faster(
        id,
        our,
        their,
        equal && ourBytes <= largest * peerBytes,
        Map.of("oursBytes", ourBytes, "peerBytes", peerBytes, "sizeRatio", ourBytes / peerBytes));
    Files.delete(ourFile);
    Files.delete(peerFile);
  }

  private static Path fresh(Path file) throws IOException {
    Files.deleteIfExists(file);
    return file;
  }
}
