package dev.firn.catalog;

import dev.firn.catalog.jdbc.Names;
import dev.firn.catalog.jdbc.Names.Kind;
import dev.firn.catalog.jdbc.Namespaces;
import dev.firn.catalog.table.MetadataFiles;
import dev.firn.catalog.table.TableName;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchViewException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.LocationUtil;
import org.apache.iceberg.view.ViewMetadata;
import org.apache.iceberg.view.ViewMetadataParser;
import org.apache.iceberg.view.ViewOperations;
import org.apache.iceberg.view.ViewProperties;
import org.jspecify.annotations.Nullable;

/**
 * One view of the catalog. Thread-safe; borrows everything.
 *
 * <p>Outcomes of a commit: it returns, and the view is changed; it throws {@code
 * CommitFailedException} or {@code AlreadyExistsException}, and nothing was applied, nor any file
 * left; it throws {@code CommitStateUnknownException}, and the new metadata file remains, as the
 * view may be on it.
 */
final class WarehouseViewOperations implements ViewOperations {
  private final TableIdentifier view;
  private final Names names;
  private final Namespaces namespaces;
  private final FileIO stores;
  private @Nullable ViewMetadata current;
  private boolean stale = true;

  WarehouseViewOperations(TableIdentifier view, Names names, Namespaces namespaces, FileIO stores) {
    this.view = view;
    this.names = names;
    this.namespaces = namespaces;
    this.stores = stores;
  }

  @Override
  public synchronized @Nullable ViewMetadata current() {
    return stale ? refresh() : current;
  }

  @Override
  public synchronized @Nullable ViewMetadata refresh() {
    Optional<String> location = names.find(view, Kind.VIEW);
    if (location.isEmpty()) {
      boolean gone = current != null;
      current = null;
      if (gone) {
        stale = true;
        throw new NoSuchViewException("View does not exist: %s", view);
      }
    } else if (current == null || !location.get().equals(current.metadataFileLocation())) {
      current = ViewMetadataParser.read(new MetadataFiles(stores), location.get());
    }
    stale = false;
    return current;
  }

  @Override
  public synchronized void commit(@Nullable ViewMetadata base, ViewMetadata metadata) {
    if (base == metadata) {
      return;
    }
    if (base == null) {
      create(metadata);
    } else {
      swap(base, metadata);
    }
    // The next look reads it back: nothing that may fail comes after the swap.
    stale = true;
  }

  /** Takes the name for metadata that is in a file already. */
  void register(ViewMetadata metadata) {
    names.create(view, Kind.VIEW, metadata.metadataFileLocation());
  }

  private void create(ViewMetadata metadata) {
    TableName.requireNew(view);
    if (!namespaces.exists(view.namespace())) {
      throw new NoSuchNamespaceException("Namespace does not exist: %s", view.namespace());
    }
    String file = write(metadata, 0);
    try {
      names.create(view, Kind.VIEW, file);
    } catch (CommitStateUnknownException e) {
      throw e;
    } catch (RuntimeException e) {
      delete(file, e);
      throw e;
    }
  }

  private void swap(ViewMetadata base, ViewMetadata metadata) {
    String from = base.metadataFileLocation();
    String to = write(metadata, version(from) + 1);
    boolean moved;
    try {
      moved = names.swapView(view, from, to);
    } catch (CommitStateUnknownException e) {
      throw e;
    } catch (RuntimeException e) {
      delete(to, e);
      throw e;
    }
    if (!moved) {
      stale = true;
      CommitFailedException lost =
          new CommitFailedException("Cannot commit to view %s: another writer came first", view);
      delete(to, lost);
      throw lost;
    }
  }

  /** Of a file that surely belongs to nothing; that it remains is not what the caller must know. */
  private void delete(String file, RuntimeException failure) {
    try {
      stores.deleteFile(file);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private String write(ViewMetadata metadata, int version) {
    String codec =
        metadata
            .properties()
            .getOrDefault(
                ViewProperties.METADATA_COMPRESSION, ViewProperties.METADATA_COMPRESSION_DEFAULT);
    String directory =
        metadata
            .properties()
            .getOrDefault(
                ViewProperties.WRITE_METADATA_LOCATION,
                LocationUtil.stripTrailingSlash(metadata.location()) + "/metadata");
    String file =
        "%s/%05d-%s%s"
            .formatted(
                LocationUtil.stripTrailingSlash(directory),
                version,
                UUID.randomUUID(),
                TableMetadataParser.getFileExtension(codec));
    ViewMetadataParser.write(metadata, stores.newOutputFile(file));
    return file;
  }

  /** Returns the number that a metadata file's name begins with, or -1. */
  private static int version(String location) {
    String file = location.substring(location.lastIndexOf('/') + 1);
    int end = file.indexOf('-');
    return end > 0 && file.substring(0, end).matches("[0-9]{1,9}")
        ? Integer.parseInt(file.substring(0, end))
        : -1;
  }
}
