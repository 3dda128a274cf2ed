from finecode.wm_server.services.run_service.proxy_utils import run_action, run_with_partial_results

__all__ = ["run_action", "run_with_partial_results"]
