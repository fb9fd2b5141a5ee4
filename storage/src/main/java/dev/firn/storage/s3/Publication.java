package dev.firn.storage.s3;

import dev.firn.storage.s3.S3Write.Standing;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Makes an object visible, and finds out whether it is where the answer does not say. Confined to
 * one thread, a request thread.
 *
 * <p>How it works: an answer may be lost after the store has acted, and the SDK sends the request
 * again, which then meets its own effect: 412 where nothing may be replaced, 404 where the upload
 * is complete already. So after each failure the object is read back, and the token in its metadata
 * tells whose it is.
 */
final class Publication {
  private static final int TRIES = 6;
  private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

  private final S3Write write;
  private final WriteRequests requests;

  Publication(S3Write write) {
    this.write = write;
    this.requests = write.requests();
  }

  /** Writes a whole object in one request. */
  void put(Part part) {
    var request = requests.put(part);
    publish(
        () -> write.send(part, () -> write.client().putObject(request, part.body())),
        () -> OpenUpload.Ending.NEVER_BEGUN);
  }

  /**
   * Makes an object of the parts of an upload.
   *
   * @param abort ends the upload where the store does not tell whether it is complete
   */
  void complete(String upload, List<CompletedPart> parts, Supplier<OpenUpload.Ending> abort) {
    var request = requests.complete(upload, parts);
    publish(() -> write.client().completeMultipartUpload(request), abort);
  }

  private void publish(Runnable request, Supplier<OpenUpload.Ending> abort) {
    refuseWithoutTheStore();
    for (int attempt = 1; ; attempt++) {
      try {
        request.run();
        return;
      } catch (RuntimeException e) {
        if (settled(new WriteFailure(e), attempt, abort)) {
          return;
        }
        S3Write.pause(attempt);
      }
    }
  }

  /** Returns true where the object is there after all, false to try again; else throws. */
  private boolean settled(WriteFailure failure, int attempt, Supplier<OpenUpload.Ending> abort) {
    if (!failure.ambiguous()) {
      throw write.failed(failure.error());
    }
    Standing standing = write.look();
    if (standing == Standing.OURS) {
      return true;
    }
    if (requests.exclusive() && standing == Standing.ANOTHERS
        || failure.refused() && failure.onlyTry() && standing == Standing.UNREADABLE) {
      throw write.exists(failure.error());
    }
    if (failure.conflict() && standing == Standing.ABSENT && attempt < TRIES) {
      return false;
    }
    return settledByAbort(failure, abort);
  }

  /** What was not complete when its upload ended never will be. */
  private boolean settledByAbort(WriteFailure failure, Supplier<OpenUpload.Ending> abort) {
    OpenUpload.Ending ending = abort.get();
    if (ending == OpenUpload.Ending.GONE && write.look() == Standing.OURS) {
      return true;
    }
    throw ending == OpenUpload.Ending.ABORTED
        ? write.failed(failure.error())
        : write.unknown(failure.error());
  }

  /** Where the store cannot create conditionally, the object is looked for: not atomic. */
  private void refuseWithoutTheStore() {
    if (!requests.exclusive() || requests.conditional()) {
      return;
    }
    if (write.uploads().warned().compareAndSet(false, true)) {
      LOG.warn(
          "{}=false: files are created after a look whether they exist, so that of writers at the"
              + " same moment the last one wins",
          WriteSettings.CONDITIONAL);
    }
    if (write.look() != Standing.ABSENT) {
      throw write.exists(null);
    }
  }
}
