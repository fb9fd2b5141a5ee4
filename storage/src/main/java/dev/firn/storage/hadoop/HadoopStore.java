package dev.firn.storage.hadoop;

import dev.firn.storage.RangedInputFile;
import dev.firn.storage.Store;
import dev.firn.storage.StoreCounts;
import dev.firn.storage.StoreMeter;
import dev.firn.storage.StoreOutputFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;

/**
 * What Hadoop reaches, configured by {@code core-site.xml} on the class path and by the properties
 * that begin with {@code hadoop.}. Thread-safe. Owns its file systems, one for each scheme and
 * authority, which it opens on first use and closes in {@link #close()}; they are not Hadoop's
 * shared ones, whose configuration is that of whoever came first.
 *
 * <p>How files are written: Hadoop's file systems show a file from its first byte. So bytes go to a
 * hidden sibling, synced where the file system can (each block, on HDFS), which {@code close()}
 * renames to its name, refusing one that exists. What that is worth, by scheme:
 *
 * <ul>
 *   <li>{@code hdfs:}, {@code viewfs:} on it, {@code abfs:} with a hierarchical namespace: the
 *       rename is atomic and refuses an existing name, so of racing creators, wherever they run,
 *       one wins. {@code createOrOverwrite} is atomic on HDFS; elsewhere the old file is deleted
 *       first, so that readers may find none for a moment.
 *   <li>{@code gs:}: renaming is copying there, and a file shows only when it is closed; so {@code
 *       create} writes to its name, under the service's own condition. {@code abort} then closes
 *       the file and deletes it.
 *   <li>All others, with Hadoop's local file systems: looking and renaming are two steps. Creators
 *       that share this store have one winner; between processes the last may replace the first.
 * </ul>
 */
public final class HadoopStore implements Store {
  private static final long serialVersionUID = 1L;

  private Map<String, String> properties = Map.of();
  private final transient StoreMeter meter = new StoreMeter();
  private transient HadoopFileSystems systems = new HadoopFileSystems(Map.of());

  /** Makes one; {@link #initialize} configures it. */
  public HadoopStore() {}

  @Override
  public void initialize(Map<String, String> newProperties) {
    systems.close();
    properties = Map.copyOf(newProperties);
    systems = new HadoopFileSystems(properties);
  }

  @Override
  public Map<String, String> properties() {
    return properties;
  }

  @Override
  public RangedInputFile newInputFile(String location) {
    return input(location, null);
  }

  @Override
  public RangedInputFile newInputFile(String location, long length) {
    return input(location, length);
  }

  @Override
  public StoreOutputFile newOutputFile(String location) {
    return new HadoopOutputFile(place(location), meter);
  }

  @Override
  public void deleteFile(String location) {
    HadoopPlace place = place(location);
    meter.add(StoreMeter.Event.DELETE);
    try {
      place.fileSystem().delete(place.path(), false);
    } catch (FileNotFoundException e) {
      // As it should be.
    } catch (IOException e) {
      throw HadoopFailure.translate("delete", location, e);
    }
  }

  @Override
  public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
    new HadoopDeletion(this, locations.iterator()).run();
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    HadoopPlace root = place(prefix);
    return () -> new HadoopListing(root, prefix, meter);
  }

  @Override
  public void deletePrefix(String prefix) {
    HadoopPlace place = place(prefix);
    meter.add(StoreMeter.Event.DELETE);
    try {
      place.fileSystem().delete(place.path(), true);
    } catch (FileNotFoundException e) {
      // As it should be.
    } catch (IOException e) {
      throw HadoopFailure.translate("delete", prefix, e);
    }
  }

  @Override
  public StoreCounts counts() {
    return meter.counts();
  }

  /** Closes the file systems, and with them the streams. Later calls open them again. */
  @Override
  public void close() {
    systems.close();
  }

  private RangedInputFile input(String location, @Nullable Long length) {
    return new HadoopInputFile(place(location), length, meter);
  }

  private HadoopPlace place(String location) {
    Path path = new Path(location);
    return new HadoopPlace(location, path, systems);
  }

  private Object readResolve() {
    HadoopStore copy = new HadoopStore();
    copy.initialize(properties);
    return copy;
  }
}
