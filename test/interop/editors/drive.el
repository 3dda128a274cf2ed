;;; drive.el --- Emacs with eglot as somebody's editor -*- lexical-binding: t -*-
;; Opens the file, waits for diagnostics, hovers, runs the command, says what it saw. Its JSON-RPC refuses every member of
;; a message that it does not know, which is why it is here.
(package-initialize)
(require 'eglot)
(require 'json)

(defvar ask (json-parse-string (with-temp-buffer
                                 (insert-file-contents (getenv "EDITOR_ASK"))
                                 (buffer-string))
                               :object-type 'plist :array-type 'array :null-object nil))
(defvar seen-diagnostics nil)
(defvar seen nil)

(defun wait-for (done)
  (let ((deadline (+ (float-time) (/ (plist-get ask :waitMs) 1000.0))))
    (while (and (not (funcall done)) (< (float-time) deadline))
      (accept-process-output nil 0.02))))

;; Batch Emacs has no idle timers to show diagnostics with, so they are taken as they come.
(cl-defmethod eglot-handle-notification :before
  (_server (_method (eql textDocument/publishDiagnostics)) &key diagnostics &allow-other-keys)
  (when (> (length diagnostics) 0)
    (setq seen-diagnostics (mapcar (lambda (one) (plist-get one :message)) diagnostics))))

(defun work ()
  (setq eglot-sync-connect t
        eglot-connect-timeout 60
        jsonrpc-default-request-timeout 60
        enable-local-variables nil)
  (find-file (plist-get ask :file))
  (js-mode)
  (setq-local eglot-server-programs
              `((js-mode . (,@(append (plist-get ask :command) nil)
                            :initializationOptions ,(or (plist-get ask :options) eglot--{})))))
  (apply #'eglot (eglot--guess-contact))
  (wait-for (lambda () seen-diagnostics))
  (goto-char (point-min))
  (forward-line (1- (plist-get (plist-get ask :hover) :line)))
  (forward-char (1- (plist-get (plist-get ask :hover) :column)))
  (let ((server (eglot-current-server)))
    (setq seen (plist-put seen :hover (jsonrpc-request server :textDocument/hover
                                                       (eglot--TextDocumentPositionParams))))
    (when (plist-get ask :execute)
      (let ((execute (plist-get ask :execute)))
        (setq seen (plist-put seen :command
                              (jsonrpc-request server :workspace/executeCommand
                                               `(:command ,(plist-get execute :command)
                                                 :arguments ,(plist-get execute :arguments)))))))
    (eglot-shutdown server)
    (wait-for (lambda () (not (jsonrpc-running-p server))))
    (setq seen (plist-put seen :ended (if (jsonrpc-running-p server) :json-false t)))))

(condition-case problem
    (work)
  (error (setq seen (plist-put seen :problem (format "%S" problem)))))
(setq seen (plist-put seen :diagnostics (vconcat seen-diagnostics)))
(with-temp-file (plist-get ask :out)
  (insert (json-serialize seen :null-object nil :false-object :json-false)))
(let ((kill-emacs-hook nil)) (kill-emacs 0))
