package dev.firn.scan.plan;

import dev.firn.error.FirnException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/** Reads the manifests of a table, through an index where they are in it. Thread-safe. */
final class ManifestSource {
  /** What a manifest list says of a manifest's length is believed so far. */
  private static final long MOST_AT_ONCE = 64L << 20;

  private static final byte[] NOTHING = {};

  private final ManifestIndex index;
  private final FileIO io;
  private final Map<Integer, PartitionSpec> specs;
  private final String table;

  /** As many as threads decoded at a time. */
  private final Queue<ChunkBuilder> builders = new ConcurrentLinkedQueue<>();

  ManifestSource(ManifestIndex index, FileIO io, Map<Integer, PartitionSpec> specs, String table) {
    this.index = index;
    this.io = io;
    this.specs = specs;
    this.table = table;
  }

  /**
   * Returns the live entries.
   *
   * @throws FirnException CORRUPT where the manifest does not decode
   * @throws NotFoundException where it is not there
   */
  Manifest read(ManifestFile manifest) {
    return index.manifest(manifest, () -> load(manifest));
  }

  private Manifest load(ManifestFile manifest) {
    try {
      byte[] bytes = bytes(manifest);
      try {
        ChunkBuilder known = builders.poll();
        ChunkBuilder builder = known == null ? new ChunkBuilder() : known;
        Manifest decoded = new ManifestDecoder(manifest, builder).decode(bytes);
        builders.add(builder);
        return decoded;
      } catch (UnsupportedManifestException e) {
        return throughIceberg(manifest);
      }
    } catch (DamagedManifestException e) {
      throw damaged(manifest.path(), e);
    }
  }

  FirnException damaged(String path, DamagedManifestException e) {
    return FirnException.corrupt(
        "Cannot plan a scan: manifest does not decode, "
            + e.getMessage()
            + "; restore the file, or roll back to a snapshot without it ["
            + path
            + " of table "
            + table
            + "]",
        e);
  }

  private byte[] bytes(ManifestFile manifest) {
    InputFile file = io.newInputFile(manifest);
    try (SeekableInputStream in = file.newStream()) {
      byte[] bytes = new byte[Math.toIntExact(Math.min(manifest.length(), MOST_AT_ONCE))];
      int read = in.readNBytes(bytes, 0, bytes.length);
      byte[] rest = read < bytes.length ? NOTHING : in.readAllBytes();
      long all = (long) read + rest.length;
      if (all < manifest.length()) {
        throw new DamagedManifestException(
            "it ends early, expected " + manifest.length() + " bytes, got " + all);
      }
      return rest.length == 0 ? bytes : joined(bytes, rest);
    } catch (EOFException e) {
      throw new DamagedManifestException("it ends early", e);
    } catch (IOException e) {
      throw new RuntimeIOException(e, "Cannot read manifest %s", manifest.path());
    }
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, Math.addExact(first.length, second.length));
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** What our decoder does not know. Which snapshots added the files, Iceberg does not tell. */
  private Manifest throughIceberg(ManifestFile manifest) {
    RowsToChunks rows = new RowsToChunks(manifest);
    try (CloseableIterable<? extends ContentFile<?>> files =
        manifest.content() == ManifestContent.DATA
            ? ManifestFiles.read(manifest, io, specs)
            : ManifestFiles.readDeleteManifest(manifest, io, specs)) {
      files.forEach(rows::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NotFoundException | RuntimeIOException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new DamagedManifestException(String.valueOf(e.getMessage()), e);
    }
    return rows.finish();
  }
}
