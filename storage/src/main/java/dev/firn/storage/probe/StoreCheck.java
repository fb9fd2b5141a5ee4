package dev.firn.storage.probe;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.storage.Store;
import dev.firn.storage.StoreProbe;
import dev.firn.storage.probe.ProbeResult.Status;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tries what Firn needs of a store, in a directory of its own, and removes that. Confined to one
 * thread. Borrows the store.
 */
public final class StoreCheck {
  private final Store store;
  private final String directory;
  private final Clock clock;

  /**
   * Makes a check of a store.
   *
   * @param location below which files may be made
   */
  public StoreCheck(Store store, String location, Clock clock) {
    this.store = store;
    this.clock = clock;
    this.directory = Locations.stripTrailingSlashes(location) + "/firn-check-" + UUID.randomUUID();
  }

  /** Where the files are that it makes, and removes. */
  public String directory() {
    return directory;
  }

  /** Tries all there is to try. What cannot be tried is a result, not an exception. */
  public List<ProbeResult> run() {
    List<StoreProbe> probes = new ArrayList<>(new BasicProbes(store, clock).all());
    if (store instanceof StoreProbe.Source source) {
      probes.addAll(source.probes());
    }
    List<ProbeResult> results = new ArrayList<>();
    for (int i = 0; i < probes.size(); i++) {
      ProbeResult result = attempt(probes.get(i), directory + "/" + i);
      results.add(result);
      if (i == 0 && result.prevents()) {
        // Nothing can be written, so there is nothing to try and nothing to remove.
        return results;
      }
    }
    results.add(attempt(cleanUp(), directory));
    return results;
  }

  private StoreProbe cleanUp() {
    return new StoreProbe(
        "clean-up",
        true,
        "remove " + directory,
        all -> {
          store.deletePrefix(all);
          return store.listPrefix(all).iterator().hasNext() ? "files were left" : null;
        });
  }

  private static ProbeResult attempt(StoreProbe probe, String directory) {
    try {
      @Nullable String problem = probe.attempt().problem(directory);
      return problem == null
          ? new ProbeResult(probe.feature(), probe.needed(), Status.OK, "", null)
          : result(probe, Status.MISSING, problem, null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return result(probe, Status.FAILED, "interrupted", ErrorKind.UNAVAILABLE);
    } catch (FirnException e) {
      return result(probe, Status.FAILED, String.valueOf(e.getMessage()), e.kind());
    } catch (Exception e) {
      return result(probe, Status.FAILED, e.toString(), ErrorKind.UNAVAILABLE);
    }
  }

  private static ProbeResult result(
      StoreProbe probe, Status status, String problem, @Nullable ErrorKind kind) {
    String remedy = probe.remedy().isEmpty() ? "" : "; " + probe.remedy();
    return new ProbeResult(probe.feature(), probe.needed(), status, problem + remedy, kind);
  }
}
