package dev.firn.bench.s3;

import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;
import dev.firn.testing.TemporaryFiles;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How fast are tables in S3 read and written, and with how many requests, against Iceberg's {@code
 * S3FileIO} and Hadoop's S3A?
 *
 * <p>The server is in a process of its own, on the loopback interface, its objects in memory; a
 * proxy before it delays each request of what is measured by 20 ms and counts it.
 */
public final class S3Suite implements Suite {
  private static final int HEAP_MEGABYTES = 4_096;
  private static final int QUICK_HEAP_MEGABYTES = 512;

  @Override
  public String name() {
    return "s3";
  }

  @Override
  public String question() {
    return "tables in S3, at 20 ms a request: 3 of 16 columns, small files, appends, an upload";
  }

  @Override
  public void run(Run run) throws Exception {
    Path catalogs = run.directory().resolve("s3").toAbsolutePath();
    if (Files.exists(catalogs)) {
      TemporaryFiles.delete(catalogs);
    }
    Files.createDirectories(catalogs);
    try (RemoteServer server =
        RemoteServer.start(run.quick() ? QUICK_HEAP_MEGABYTES : HEAP_MEGABYTES)) {
      new Scans(run, server, catalogs.toString()).run();
      new Appends(run, server, catalogs.toString()).run();
    } finally {
      TemporaryFiles.delete(catalogs);
    }
    new UploadMemory(run).run();
  }
}
