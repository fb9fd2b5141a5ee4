package dev.firn.scan.plan;

import dev.firn.error.FirnException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
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
  private final ManifestIndex index;
  private final FileIO io;
  private final Map<Integer, PartitionSpec> specs;
  private final String table;

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
        return new ManifestDecoder(manifest).decode(bytes);
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
      byte[] bytes = in.readAllBytes();
      if (bytes.length < manifest.length()) {
        throw new DamagedManifestException(
            "it ends early, expected " + manifest.length() + " bytes, got " + bytes.length);
      }
      return bytes;
    } catch (EOFException e) {
      throw new DamagedManifestException("it ends early", e);
    } catch (IOException e) {
      throw new RuntimeIOException(e, "Cannot read manifest %s", manifest.path());
    }
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
